//! What the books answer, as the interface writes it: settlements, charge lines, persons.
