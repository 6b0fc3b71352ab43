"""From submissions to records: chunks of a class, each one pytest session beside a warm process."""
