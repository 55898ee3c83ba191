package main

// This file is compiled for Windows with every test run, and has not been run
// there. docs/run.md says so to users.

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

// serviceAccount is made by Windows for the service alone. It may read what
// every user may; other folders to watch are granted to it by name.
const serviceAccount = `NT SERVICE\` + serviceName

// stateFolder is where settings, data and keys of the service are.
func stateFolder() (string, error) {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	return filepath.Join(dir, "Stanch"), err
}

// Run makes the service and its folder, and starts nothing: the folders to
// watch are not named yet.
func (c *serviceInstallCmd) Run(io *stdio) error {
	if c.Print != "steps" {
		return &exitError{exitUsage, errors.New("install service: --print is for Linux")}
	}
	program, err := trustedProgram()
	if err != nil {
		return fmt.Errorf("install service: %w", err)
	}
	dir, err := stateFolder()
	if err != nil {
		return fmt.Errorf("install service: find ProgramData: %w", err)
	}
	settings := c.Config
	if settings == "" {
		settings = filepath.Join(dir, "stanch.yaml")
	}
	if err := install(program, dir, settings); err != nil {
		return fmt.Errorf("install service: %w", err)
	}
	_, err = fmt.Fprintf(io.Out, "Installed, not started. Not tested on Windows by its makers.\n已安装，未启动。开发者未在 Windows 上测试。\n\n"+
		"  1. %s  name the folders to watch / 填写监视目录\n"+
		"  2. icacls FOLDER /grant \"%s:(OI)(CI)R\"\n"+
		"  3. sc start %s\n"+
		"  4. %s  holds the link of the first start, for 15 minutes / 首次链接\n", settings, serviceAccount, serviceName, logFile(dir))
	return err
}

// trustedProgram returns the path of this program if only administrators can
// change it: a service that others can replace is a way in.
func trustedProgram() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	safe, err := windows.KnownFolderPath(windows.FOLDERID_ProgramFiles, 0)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(strings.ToLower(program), strings.ToLower(safe)+`\`) {
		return "", fmt.Errorf("move the program to %s first, where only administrators can change it", filepath.Join(safe, "Stanch"))
	}
	return program, nil
}

// install makes the service, and takes it away again if its folder cannot be
// closed to others.
func install(program, dir, settings string) (err error) {
	m, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("reach the service manager (as administrator?): %w", err)
	}
	defer func() { err = errors.Join(err, m.Disconnect()) }()
	s, err := m.CreateService(serviceName, program, mgr.Config{
		StartType: mgr.StartAutomatic, DelayedAutoStart: true, ErrorControl: mgr.ErrorNormal,
		ServiceStartName: serviceAccount, SidType: windows.SERVICE_SID_TYPE_UNRESTRICTED,
		DisplayName: "Stanch (止漏)", Description: "Finds card data where it must not be, and keeps the cases about it.",
	}, "service", "run", "--config", settings)
	if err != nil {
		return fmt.Errorf("make service: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	again := []mgr.RecoveryAction{{Type: mgr.ServiceRestart, Delay: 10 * time.Second}}
	err = errors.Join(s.SetRecoveryActions(again, 0), s.SetRecoveryActionsOnNonCrashFailures(true), closedFolder(dir), settle(dir, settings))
	if err != nil {
		return errors.Join(err, s.Delete())
	}
	return nil
}

// closedFolder makes the folder of the service, for it, the system and
// administrators alone. What is in ProgramData anybody could read otherwise.
func closedFolder(dir string) error {
	sid, _, _, err := windows.LookupSID("", serviceAccount)
	if err != nil {
		return fmt.Errorf("look up %s: %w", serviceAccount, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	sd, err := windows.SecurityDescriptorFromString("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + sid.String() + ")")
	if err != nil {
		return err
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		return err
	}
	const what = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	if err := windows.SetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, what, nil, nil, dacl, nil); err != nil {
		return fmt.Errorf("close %s to others: %w", dir, err)
	}
	return nil
}

// settle writes the settings that a first start needs, unless there are some.
func settle(dir, settings string) error {
	file, err := os.OpenFile(settings, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	quoted := func(path string) string { return "'" + strings.ReplaceAll(path, "'", "''") + "'" }
	_, err = fmt.Fprintf(file, "data: %s\nkeys: %s\nlisten: 127.0.0.1:8420\nwatch: []\n#  - path: C:\\POS\n",
		quoted(filepath.Join(dir, "data")), quoted(filepath.Join(dir, "keys")))
	return errors.Join(err, file.Close())
}

// Run takes the service away. Data and keys stay.
func (c *serviceUninstallCmd) Run(io *stdio) (err error) {
	m, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("uninstall service: reach the service manager (as administrator?): %w", err)
	}
	defer func() { err = errors.Join(err, m.Disconnect()) }()
	s, err := m.OpenService(serviceName)
	if err != nil {
		return fmt.Errorf("uninstall service: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if _, err := s.Control(svc.Stop); err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return fmt.Errorf("uninstall service: stop it: %w", err)
	}
	if err := s.Delete(); err != nil {
		return fmt.Errorf("uninstall service: %w", err)
	}
	dir, err := stateFolder()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(io.Out, "Uninstalled. Data and keys stay in %s. / 已移除，数据与密钥保留。\n", dir)
	return err
}

// Run asks the service manager.
func (c *serviceStatusCmd) Run(io *stdio) (err error) {
	m, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("ask the service manager (as administrator?): %w", err)
	}
	defer func() { err = errors.Join(err, m.Disconnect()) }()
	s, err := m.OpenService(serviceName)
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		fmt.Fprintln(io.Out, "not installed / 未安装")
		return &exitError{Code: 1}
	}
	if err != nil {
		return fmt.Errorf("ask the service manager: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	state, err := s.Query()
	if err != nil {
		return fmt.Errorf("ask the service manager: %w", err)
	}
	if state.State != svc.Running {
		fmt.Fprintln(io.Out, "does not run / 未运行")
		return &exitError{Code: 1}
	}
	_, err = fmt.Fprintf(io.Out, "runs, process %d / 运行中\n", state.ProcessId)
	return err
}
