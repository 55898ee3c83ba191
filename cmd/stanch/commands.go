package main

// commandLine lists the subcommands; the comment of each struct is its manual.
type commandLine struct {
	Version versionCmd `cmd:"" help:"Print the version. / 显示版本。"`
}
