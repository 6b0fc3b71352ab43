"""Wrong submissions that tests are tried on, beside the misconceptions of the suite."""
