-- Revert mqk:strat/code from pg
-- built from sql/strat by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

drop trigger _900_refuse_truncate on strat.assignments;
drop trigger _900_refuse_truncate on strat.targets;
drop trigger _900_refuse_truncate on strat.decisions;
drop trigger _900_refuse_change on strat.assignments;
drop trigger _900_refuse_change on strat.targets;
drop trigger _900_refuse_change on strat.decisions;
drop function strat.record_decision(uuid, timestamptz, jsonb, jsonb, timestamptz);
drop function strat.run_sql_strategy(text, jsonb);
drop function strat.format_target(jsonb);
drop function strat.parse_target(jsonb);
drop function strat.has_its_prices(strat.wish);
drop function strat.decide_sma_trend_sql(jsonb);
drop function strat.get_context(uuid, timestamptz);
drop function strat.assign_strategy(uuid, text, text, integer, jsonb, integer);
drop function strat.register_strategy(text, text, text, timestamptz);

commit;
