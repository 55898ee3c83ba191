//go:build !linux && !windows

package main

import (
	"errors"
	"runtime"
)

var errNoService = errors.New("service: not made for " + runtime.GOOS + "; let its own service manager run `stanch serve --config FILE`")

// Run says that there is nothing to install.
func (c *serviceInstallCmd) Run(*stdio) error { return &exitError{exitUsage, errNoService} }

// Run says that there is nothing to take away.
func (c *serviceUninstallCmd) Run(*stdio) error { return &exitError{exitUsage, errNoService} }

// Run says that there is no service.
func (c *serviceStatusCmd) Run(*stdio) error { return &exitError{exitUsage, errNoService} }

// Run says that there is no service.
func (c *serviceRunCmd) Run(*stdio) error { return &exitError{exitUsage, errNoService} }
