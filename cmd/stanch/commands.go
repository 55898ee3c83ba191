package main

// commandLine lists the subcommands; the comment of each struct is its manual.
type commandLine struct {
	Serve    serveCmd    `cmd:"" help:"Run the centre: console, API, watching, cases. / 启动中心：控制台、接口、监视与案件。"`
	Drill    drillCmd    `cmd:"" help:"Run a live-fire exercise on synthetic cards. / 用合成卡号做一次实战演练。"`
	Case     caseCmd     `cmd:"" help:"Report a sign, list cases. / 上报征兆、列出案件。"`
	Ledger   ledgerCmd   `cmd:"" help:"Check and export the record. / 核验与导出账本。"`
	Duty     dutyCmd     `cmd:"" help:"Who has to be told, by when, on what ground. / 该告诉谁、何时之前、依据是什么。"`
	Evidence evidenceCmd `cmd:"" help:"Check sealed evidence. / 核验封存的证物。"`
	Database databaseCmd `cmd:"" help:"Move an installation to another database. / 迁移数据库。"`
	Service  serviceCmd  `cmd:"" help:"Start Stanch with the system. / 随系统启动。"`
	Token    tokenCmd    `cmd:"" help:"API tokens. / 接口令牌。"`
	Link     linkCmd     `cmd:"" help:"Make a new link for the first run. / 重新生成首次使用链接。"`
	Account  accountCmd  `cmd:"" help:"Help people who are locked out. / 帮助无法登录的人。"`
	Scan     scanCmd     `cmd:"" help:"Look for card data in files, folders or standard input, once. / 扫描一次。"`
	Version  versionCmd  `cmd:"" help:"Print the version. / 显示版本。"`
	Worker   workerCmd   `cmd:"" hidden:"" help:"Parse containers apart; started by stanch itself."`
}
