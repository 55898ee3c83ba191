# Stanch (止漏). `make help` lists what there is.
#
# The binary is built without cgo, so that one file runs everywhere; the race
# detector in `make test` is the one thing that needs a C compiler.

SHELL := /bin/bash
GO ?= go
DEMO := .stanch-demo

.DEFAULT_GOAL := help
.PHONY: help run build test fuzz bench soak release release-check pictures fmt clean

help: ## list these targets / 列出目标
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build, and start a centre with three made-up shops / 编译并启动演示
	@exec bin/stanch serve --data $(DEMO)/data --keys $(DEMO)/keys --demonstration $(DEMO)/estate

build: ## bin/stanch / 编译
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/stanch ./cmd/stanch

test: ## install what the tests need, then run everything / 安装依赖并运行全部测试
	@scripts/test.sh

fuzz: ## every fuzz target for FUZZTIME (2m) each / 模糊测试
	@scripts/fuzz.sh all $(or $(FUZZTIME),2m)

bench: ## measurements, written to bench/out/report.json / 性能测量
	$(GO) run ./bench -out bench/out/report.json

soak: ## the long measurements, crashes at random times among them / 长时间测量
	$(GO) run ./bench -soak -out bench/out/soak.json

release: ## dist/: binaries, packages, checksums, bill of materials / 发布文件
	@scripts/release.sh dist

release-check: ## build the release twice in different folders and compare / 校验可重现
	@scripts/release-check.sh

pictures: ## docs/pictures, by the browser tests / 重拍文档截图
	@scripts/pictures.sh

fmt: ## gofmt every file / 格式化
	gofmt -w .

clean: ## remove what was built; the demonstration stays / 清理编译结果
	rm -rf bin dist bench/out
