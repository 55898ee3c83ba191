package main

// mkfifo does nothing: Windows has no named pipes in folders.
func mkfifo(string) error { return nil }
