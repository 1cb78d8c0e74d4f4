# The two commands that matter: `make run` and `make test`. `make help` lists all.
.DEFAULT_GOAL := help
.PHONY: run test lint format bench assets seed lock clean help

PORT ?= 8501
WORKERS ?= 2
TESTS ?= tests
PREPARE := @sh tools/python tools/prepare.py
PY := .venv/bin/python

run: ## 准备好一切并启动，网址 http://127.0.0.1:8501（PORT=8600 换端口） | set up and serve
	$(PREPARE) run
	@$(PY) -m dashboard serve --port $(PORT)

test: ## 运行本机能运行的全部测试（TESTS=tests/test_x.py 只跑一部分） | every test that can run here
	$(PREPARE) test
	@$(PY) -m pytest -n $(WORKERS) $(TESTS)

lint: ## 代码规范、类型、分层检查 | ruff, mypy --strict, import contracts
	$(PREPARE) test
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

format: ## 按规范重排代码 | reformat
	$(PREPARE) test
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: ## 与通常做法和最强同类比较速度与内存 | compare speed and memory
	$(PREPARE) bench
	@.venv-bench/bin/python -m bench

assets: ## 重新获取前端文件 | fetch the pinned front-end files again
	$(PREPARE) assets

lock: ## 由 pyproject.toml 与 package.json 重做锁定文件 | remake the lock files
	$(PREPARE) test
	@sh tools/lock

clean: ## 删去可重做的文件，不动 var/ 里的数据 | remove what can be made again, never var/
	rm -rf .venv .venv-bench build node_modules dashboard/static/vendor
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## 列出这些命令 | this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/'
