package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/stanch/stanch/packaging"
)

// installSteps is for a machine without the Debian package.
const installSteps = `The Debian package brings the unit: see docs/run.md. Without it, as root:
Debian 软件包已自带服务单元，见 docs/run.md。未使用软件包时，以 root 执行：

  install -m 0755 %[1]s /usr/bin/stanch
  useradd --system --user-group --home-dir /var/lib/stanch --no-create-home --shell /usr/sbin/nologin stanch
  mkdir -p /etc/stanch
  stanch service install --print settings > /etc/stanch/stanch.yaml
  chown root:stanch /etc/stanch/stanch.yaml && chmod 0640 /etc/stanch/stanch.yaml
  stanch service install --print unit > /etc/systemd/system/stanch.service
  systemctl daemon-reload && systemctl enable --now stanch

Folders to watch are named in /etc/stanch/stanch.yaml. To let the service lock
leaked files, put the addition beside the unit and name the folders in it:
监视的目录写在 /etc/stanch/stanch.yaml。如允许服务锁定泄露文件，再执行：

  mkdir -p /etc/systemd/system/stanch.service.d
  stanch service install --print lock > /etc/systemd/system/stanch.service.d/lock.conf
`

// Run prints how the unit is put in place, or a file of it. It changes
// nothing: what a service may do is for an administrator to read first.
func (c *serviceInstallCmd) Run(io *stdio) (err error) {
	switch c.Print {
	case "unit":
		_, err = fmt.Fprint(io.Out, packaging.Unit)
	case "lock":
		_, err = fmt.Fprint(io.Out, packaging.Lock)
	case "settings":
		_, err = fmt.Fprint(io.Out, packaging.Settings)
	default:
		_, err = fmt.Fprintf(io.Out, installSteps, "stanch")
	}
	return err
}

// Run prints how the unit is taken away.
func (c *serviceUninstallCmd) Run(io *stdio) error {
	_, err := fmt.Fprint(io.Out, "As root / 以 root 执行：\n\n"+
		"  systemctl disable --now stanch\n"+
		"  apt-get remove stanch    # or / 或: rm /etc/systemd/system/stanch.service && systemctl daemon-reload\n\n"+
		"Data and keys stay in /var/lib/stanch and /var/lib/stanch-keys. / 数据与密钥会保留。\n")
	return err
}

// statusWithin is how long systemd may take to answer.
const statusWithin = 10 * time.Second

// Run asks systemd.
func (c *serviceStatusCmd) Run(io *stdio) error {
	ctx, stop := context.WithTimeout(io.Ctx, statusWithin)
	defer stop()
	out, err := exec.CommandContext(ctx, "systemctl", "show", "--property=LoadState,ActiveState,SubState,MainPID", serviceName).Output()
	if err != nil {
		return &exitError{exitUsage, errors.New("ask systemd: it does not run here, so there is no service; see stanch serve")}
	}
	state, running := unitState(string(out))
	fmt.Fprintln(io.Out, state)
	if !running {
		return &exitError{Code: 1}
	}
	return nil
}

// unitState puts what systemd says of a unit into one line.
func unitState(properties string) (line string, running bool) {
	is := map[string]string{}
	for line := range strings.Lines(properties) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		is[key] = value
	}
	switch {
	case is["LoadState"] != "loaded":
		return "not installed / 未安装", false
	case is["ActiveState"] == "active":
		return "runs, process " + is["MainPID"] + " / 运行中", true
	default:
		return "does not run: " + is["ActiveState"] + ", " + is["SubState"] + " / 未运行", false
	}
}

// Run refuses: systemd starts `stanch serve` itself.
func (c *serviceRunCmd) Run(*stdio) error {
	return &exitError{exitUsage, errors.New("run service: this is for Windows; use stanch serve")}
}
