-- Revert mqk:strat/code from pg
-- built from sql/strat by `make code`: edit there

begin;

set local role mqk_owner;

drop trigger _900_refuse_truncate on strat.assignments;
drop trigger _900_refuse_truncate on strat.targets;
drop trigger _900_refuse_truncate on strat.decisions;
drop trigger _900_refuse_change on strat.assignments;
drop trigger _900_refuse_change on strat.targets;
drop trigger _900_refuse_change on strat.decisions;
drop function strat.record_decision(uuid, timestamptz, jsonb, jsonb, timestamptz);
drop function strat.run_sql_strategy(text, jsonb);
drop function strat.decide_sma_trend_sql(jsonb);
drop function strat.get_context(uuid, timestamptz);
drop function strat.assign_strategy(uuid, text, text, integer, jsonb, integer);
drop function strat.register_strategy(text, text, text, timestamptz);

commit;
