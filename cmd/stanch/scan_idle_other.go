//go:build !linux

package main

import "errors"

func goIdle() error { return errors.New("--idle works on Linux only; use --max-rate") }
