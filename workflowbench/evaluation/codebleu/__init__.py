"""CodeBLEU: how alike two Python programs are, by tokens, syntax and data flow."""
