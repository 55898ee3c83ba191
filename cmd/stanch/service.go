package main

// serviceName is what the system knows the centre by.
const serviceName = "stanch"

// serviceCmd makes the centre a service of the system, started with it.
type serviceCmd struct {
	Install   serviceInstallCmd   `cmd:"" help:"Make the centre a service of this system. Windows: tried by cross-compiling only, not on Windows itself. / 安装为系统服务（Windows 版仅交叉编译，未在 Windows 上测试）。"`
	Uninstall serviceUninstallCmd `cmd:"" help:"Take the service away; data and keys stay. Windows: not tested there. / 移除服务，保留数据与密钥。"`
	Status    serviceStatusCmd    `cmd:"" help:"Say whether the service is there and runs. Windows: not tested there. / 查看服务状态。"`
	Run       serviceRunCmd       `cmd:"" hidden:"" help:"Run under the service manager of Windows, which starts this."`
}

// serviceInstallCmd makes the service. On Linux the package brings a unit, so
// it prints what there is to do, or a part of it as a file.
type serviceInstallCmd struct {
	Config string `help:"Settings file. / 配置文件。" placeholder:"FILE"`
	Print  string `help:"Linux: print only the unit, the lock addition or the settings. / 仅输出某个文件。" enum:"steps,unit,lock,settings" default:"steps"`
}

// serviceUninstallCmd takes the service away.
type serviceUninstallCmd struct{}

// serviceStatusCmd prints the state of the service. It exits 1 if it does not run.
type serviceStatusCmd struct{}

// serviceRunCmd is what the service manager of Windows starts.
type serviceRunCmd struct {
	Config string `help:"Settings file." placeholder:"FILE"`
}
