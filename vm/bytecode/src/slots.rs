//! Names an expression can read from the task it stands in.

/// Calls `$m!` with every context slot: frozen number, variant, source name and meaning.
#[macro_export]
macro_rules! for_each_slot {
    ($m:ident) => {
        $m! {
            /// The element of `loop_in` being worked on; of a map, `{key, value}`.
            0 Item "item";
            /// The key of that element: the map key, or the position in a list.
            1 Key "key";
            /// The position of that element, from 0.
            2 Index "index";
            /// Which execution of the body this is, from 1.
            3 Attempt "attempt";
            /// What the body just returned; in `until`, `failed_if`, `changed_if` and `expect`, and of the round before in `loop_if` and `loop_until`.
            4 Result "result";
            /// Which of its two phases a task with `runaround` is in: `before` or `after`.
            5 Phase "phase";
            /// Which round of `loop_if` or `loop_until` this is, from 1.
            6 Round "round";
            /// What `vars` of the task says that runs this one on demand.
            7 Vars "vars";
            /// The event that a task on demand runs for, or that a condition judges: `{id, name, payload, at}`.
            8 Event "event";
        }
    };
}

macro_rules! define_slots {
    ($(#[doc = $doc:literal] $num:literal $variant:ident $name:literal;)*) => {
        /// A context slot.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Slot { $(#[doc = $doc] $variant = $num,)* }

        impl Slot {
            /// All slots in numeric order: number, name, meaning.
            pub const TABLE: &'static [(Slot, &'static str, &'static str)] =
                &[$((Slot::$variant, $name, $doc)),*];

            /// The slot of a frozen number.
            pub const fn from_number(number: u8) -> Option<Slot> {
                match number { $($num => Some(Slot::$variant),)* _ => None }
            }

            /// The name in sources and listings.
            pub const fn name(self) -> &'static str {
                match self { $(Slot::$variant => $name,)* }
            }

            /// The slot of a source name.
            pub fn from_name(name: &str) -> Option<Slot> {
                match name { $($name => Some(Slot::$variant),)* _ => None }
            }
        }
    };
}
for_each_slot!(define_slots);
