"""Makes the built-in models of tryall. It is used as `python -m tryall_training COMMAND`; the Makefile beside it has the whole chains."""
