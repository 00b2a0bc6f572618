"""Documents: templates from instruments, filling, annexes, brought forms, checks. pypdf lives only here."""
