"""What is missing in the help for households under watch (帮扶缺口): stated, audited, marked when late, and told."""
