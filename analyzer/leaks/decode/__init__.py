"""What has to be undone to read a text: archives opened, encodings and escapes taken off."""
