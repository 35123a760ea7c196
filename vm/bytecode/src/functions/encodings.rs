//! Functions that write values and bytes as text of another language, and read them.

/// Appends this family to those before it, and goes on with the next.
macro_rules! encodings {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Encodings "Encodings" "Functions that write values and bytes as text of another language, and read them." {
                198 Utf8Encode "utf8.encode" (text: "str") -> "bytes" [None] "The bytes of a text." "len(utf8.encode('é'))" "2";
                199 Utf8Decode "utf8.decode" (data: "bytes") -> "str" [None] "The text of bytes; a fault unless they are UTF-8." "utf8.decode(utf8.encode('é'))" "'é'";
                400 HexEncode "hex.encode" (data: "str | bytes") -> "str" [None] "Two hexadecimal digits for each byte." "hex.encode('az')" "'617a'";
                401 HexDecode "hex.decode" (text: "str") -> "bytes" [None] "The bytes of hexadecimal digits." "utf8.decode(hex.decode('617A'))" "'az'";
                402 Base64Encode "base64.encode" (data: "str | bytes") -> "str" [None] "Base64 with padding." "base64.encode('user:pass')" "'dXNlcjpwYXNz'";
                403 Base64Decode "base64.decode" (text: "str") -> "bytes" [None] "The bytes of Base64; white space is passed over, and the padding must be there." "utf8.decode(base64.decode('YQ=='))" "'a'";
                404 Base64UrlEncode "base64url.encode" (data: "str | bytes") -> "str" [None] "Base64 for URLs and names of files, without padding." "base64url.encode('a?>')" "'YT8-'";
                405 Base64UrlDecode "base64url.decode" (text: "str") -> "bytes" [None] "The bytes of Base64 for URLs, with or without padding." "utf8.decode(base64url.decode('YT8-'))" "'a?>'";
                406 UrlEncode "url.encode" (text: "str") -> "str" [None] "The text as a part of a URL: all but letters, digits and `-._~` as `%` and two digits for each byte." "url.encode('a b/ä')" "'a%20b%2F%C3%A4'";
                407 UrlDecode "url.decode" (text: "str") -> "str" [None] "The text that `url.encode` was given." "url.decode('a%20b')" "'a b'";
                408 XmlEscape "xml.escape" (text: "str") -> "str" [None] "The text as it stands in XML and HTML, in attributes too; a fault for characters that XML cannot hold." "xml.escape('a < \"b\"')" "'a &lt; &quot;b&quot;'";
                409 JsonEncode "json.encode" (value: "any", indent: "int?") -> "str" [None] "A value as JSON, on one line or with so many spaces for each level." "json.encode({a: [1, 'x', null]})" "'{\"a\":[1,\"x\",null]}'";
                410 JsonDecode "json.decode" (text: "str") -> "any" [None] "The value of a JSON text; of two entries with one key the later wins." "json.decode('{\"a\": [1, 2.5, null]}')" "{a: [1, 2.5, null]}";
                411 YamlEncode "yaml.encode" (value: "any") -> "str" [None] "A value as a YAML document in block style." "yaml.encode({a: [1, 'x: y']})" "'a:\\n  - 1\\n  - \"x: y\"\\n'";
            }
        }
    };
}
