-- Verify mqk:lab/code on pg
-- built from sql/lab by `make code`: edit there

begin;

set local role mqk_owner;

select 'lab.compute_cagr(bigint, bigint, date, date)'::regprocedure;
select 'lab.compute_annual_return(numeric[], numeric)'::regprocedure;
select 'lab.compute_annual_volatility(numeric[])'::regprocedure;
select 'lab.compute_sharpe(numeric[])'::regprocedure;
select 'lab.compute_downside_risk(numeric[])'::regprocedure;
select 'lab.compute_sortino(numeric[])'::regprocedure;
select 'lab.compute_max_drawdown(numeric[])'::regprocedure;
select 'lab.compute_max_drawdown_micros(bigint[])'::regprocedure;
select 'lab.compute_calmar(numeric[], numeric)'::regprocedure;
select 'lab.compute_profit_factor(numeric[])'::regprocedure;
select 'lab.compute_value_at_risk(numeric[], numeric)'::regprocedure;
select 'lab.compute_recovery_days(bigint[])'::regprocedure;

rollback;
