-- Revert mqk:lab/code from pg
-- built from sql/lab by `make code`: edit there

begin;

set local role mqk_owner;

drop function lab.compare_backtests(uuid, uuid);
drop function lab.list_first_differences(uuid, uuid);
drop function lab.list_config_differences(jsonb, jsonb);
drop function lab.describe_backtest(uuid);
drop function lab.list_fills(uuid);
drop function lab.list_orders(uuid);
drop function lab.list_trades(uuid);
drop function lab.list_sessions(uuid);
drop function lab.list_session_prices(uuid);
drop function lab.list_session_ends(uuid);
drop function lab.find_mark(uuid, integer, integer);
drop function lab.list_dataset_ticks(uuid);
drop function lab.list_differences(uuid, uuid);
drop function lab.list_run_acts(uuid);
drop function lab.list_acts(uuid);
drop function lab.run_backtest(uuid, uuid, timestamptz);
drop function lab.open_backtest(uuid, text, timestamptz);
drop function lab.compute_digest(uuid);
drop function lab.match_fills(lab.backtests, lab.terms);
drop function lab.run_kernel(lab.backtests, risk.limits, lab.terms);
drop function lab.derive_order_name(lab.terms, uuid, integer, integer);
drop function lab.get_facts(integer, bigint, bigint[], bigint[], bigint[], bigint[]);
drop function lab.count_alike(bigint[], integer[], bigint, integer);
drop function lab.count_since(bigint[], bigint);
drop function lab.signal_sma_trend(lab.backtests);
drop function lab.list_closes(uuid, integer);
drop function lab.freeze_dataset(text, jsonb, date, date, timestamptz);
drop function lab.store_dataset(lab.datasets, timestamptz);
drop function lab.hash_pack(lab.packs);
drop function lab.list_packs(lab.datasets, timestamptz);
drop function lab.explain_undefined(jsonb);
drop function lab.describe_trades(bigint[], bigint[], bigint);
drop function lab.describe_curve(bigint, date[], bigint[], bigint[]);
drop function lab.list_rolling_sharpe(bigint[], integer);
drop function lab.list_return_buckets(bigint[]);
drop function lab.list_periods(bigint, date[], bigint[], text);
drop function lab.find_deepest_fall(bigint[]);
drop function lab.compute_worst_span(bigint[], integer);
drop function lab.compute_recovery_days(bigint[]);
drop function lab.compute_value_at_risk(numeric[], numeric);
drop function lab.compute_profit_factor(numeric[]);
drop function lab.compute_calmar(numeric[], numeric);
drop function lab.compute_max_drawdown_micros(bigint[]);
drop function lab.compute_max_drawdown(numeric[]);
drop function lab.compute_sortino(numeric[]);
drop function lab.compute_downside_risk(numeric[]);
drop function lab.compute_sharpe(numeric[]);
drop function lab.compute_annual_volatility(numeric[]);
drop function lab.compute_annual_return(numeric[], numeric);
drop function lab.compute_cagr(bigint, bigint, date, date);

commit;
