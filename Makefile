# Wrappers only: ./dev works without make.
.PHONY: demo test check code docs lint format campaign tutorial bench mutants lock clients calendars clean
demo: ; @./dev demo
test: ; @./dev test
check: ; @./dev check
code: ; @./dev run python -m house.code
docs: ; @./dev run python -m house.docs
mutants: ; @./dev run python -m house.mutants --write
lint: ; @./dev run ruff check .
format: ; @./dev run ruff format .
# Crashes at every door, in random order: make campaign SECONDS=3600 SEED=7 (docs/chaos.md)
campaign:
	@./dev run env PYTHONPATH=tests python -m chaos.campaign \
	  $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))
lock:
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	  --no-header --python-version 3.11 --extra pg --extra dev -o requirements.lock pyproject.toml
	sed -i '1i # The locked set of pyproject.toml with the extras pg and dev, for CPython 3.11 and newer; `make lock` rewrites it.' requirements.lock
# The client libraries of broker and data provider, to drive our servers with: tests/clients uses them.
clients:
	@./dev setup
	.venv/bin/python -m venv --without-pip .tool/clients
	.venv/bin/python -m pip --python .tool/clients/bin/python install -q alpaca-py==0.44.0 twelvedata==1.4.0
# The sessions that are shipped, made anew: make calendars MIC="XNYS XLON" (config/calendars/README.md)
calendars:
	@./dev setup
	.venv/bin/python -m venv --without-pip .tool/calendars
	.venv/bin/python -m pip --python .tool/calendars/bin/python install -q exchange_calendars==4.13.2
	.tool/calendars/bin/python python/house/make_calendar.py $(MIC)
# Types every command of the operator's walk and writes docs/tutorial.md
tutorial: ; @./dev run env PYTHONPATH=tests python -m tutorial
bench: ; @./dev run python bench/live_path.py && ./dev run python bench/ingest.py
clean: ; rm -rf .venv .tool dist build
