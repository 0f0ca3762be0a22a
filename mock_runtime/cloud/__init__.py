"""The services beside the Runtime service that its clients call: logging in, and finding out what there is."""
