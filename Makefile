# Wrappers only: ./dev works without make.
.PHONY: demo test check code docs lint format campaign campaign-crashes campaign-seeds proofs tutorial bench mutants lock clients calendars peers clean
demo: ; @./dev demo
test: ; @./dev test
check: ; @./dev check
code: ; @./dev run python -m house.code
docs: ; @./dev run python -m house.docs
mutants: ; @./dev run python -m house.mutants --write
lint: ; @./dev run ruff check .
format: ; @./dev run ruff format .
# Crashes at every door, in random order: make campaign SECONDS=3600 SEED=7 (docs/chaos.md)
# Bad input and attacks: make campaign LAYER=input|attack|owner (docs/bad-input.md)
# Lives out of seeds, with a row in their ledger: make campaign LAYER=simulator SEED=1 SEEDS=2000 (docs/simulate.md)
# Faults under load: make campaign LAYER=backends|server|network|disk|fsync|halt|failover|pitr|deploy (docs/chaos.md)
FUZZ = input attack owner
FAULTS = backends server network disk fsync halt failover pitr deploy
campaign: $(if $(filter simulator,$(LAYER)),campaign-seeds,campaign-crashes)
campaign-crashes:
	@./dev run env PYTHONPATH=tests python -m $(if $(filter $(FUZZ),$(LAYER)),fuzz.campaign $(LAYER),$(if \
	  $(filter $(FAULTS),$(LAYER)),chaos.layers $(LAYER),chaos.campaign)) \
	  $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(if $(RECORD),--record)
campaign-seeds:
	@./dev run mqk simulate --seed $(or $(SEED),1) --seeds $(or $(SEEDS),500) --jobs $(or $(JOBS),2) \
	  --ledger tests/seeds.csv
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
# Runs what the laws and names rest on and writes down how it ended: make proofs ONLY=tests/scenarios, CAMPAIGN=600
proofs:
	@./dev run python -m house.proofs $(if $(CAMPAIGN),--campaign $(CAMPAIGN),$(ONLY)); ./dev run python -m house.docs
# Engines that bench/backtest.py sets beside ours, each in an environment of its own: make peers
PEERS = backtrader==1.9.78.123,pandas==2.3.3 backtesting==0.6.6 nautilus_trader==1.221.0 \
  zipline-reloaded==3.1.1 vectorbt==1.0.0,plotly==5.24.1
peers:
	@./dev setup
	@for peer in $(PEERS); do at=.tool/peers/$${peer%%==*}; .venv/bin/python -m venv --without-pip $$at; \
	  .venv/bin/python -m pip --python $$at/bin/python install -q $$(echo $$peer | tr , ' ') \
	  || echo "$$peer does not install here" >&2; done
# Types every command of the operator's walk and writes docs/tutorial.md
tutorial: ; @./dev run env PYTHONPATH=tests python -m tutorial
bench: ; @./dev run python bench/live_path.py && ./dev run python bench/ingest.py && ./dev run python bench/audit.py \
	  && ./dev run python bench/backtest.py --bars 100000
clean: ; rm -rf .venv .tool dist build
