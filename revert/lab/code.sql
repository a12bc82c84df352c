-- Revert mqk:lab/code from pg
-- built from sql/lab by `make code`: edit there

begin;

set local role mqk_owner;

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
