package main

// commandLine lists the subcommands; the comment of each struct is its manual.
type commandLine struct {
	Scan    scanCmd    `cmd:"" help:"Look for card data in files, folders or standard input, once. / 扫描一次。"`
	Version versionCmd `cmd:"" help:"Print the version. / 显示版本。"`
	Worker  workerCmd  `cmd:"" hidden:"" help:"Parse containers apart; started by stanch itself."`
}
