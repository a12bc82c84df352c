"""One engine a file: python FILE FOLDER reads FOLDER/*.csv, plays SMA 10 over 30, prints one JSON line."""
