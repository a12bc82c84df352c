-- Revert mqk:risk/code from pg
-- built from sql/risk by `make code`: edit there

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

drop trigger _900_refuse_truncate on risk.states;
drop trigger _900_refuse_delete on risk.states;
drop trigger _900_refuse_truncate on risk.flattens;
drop trigger _900_refuse_delete on risk.flattens;
drop trigger _900_refuse_truncate on risk.day_trader_flags;
drop trigger _900_refuse_change on risk.day_trader_flags;
drop trigger _900_refuse_truncate on risk.restrictions;
drop trigger _900_refuse_change on risk.restrictions;
drop trigger _900_refuse_truncate on risk.limits;
drop trigger _900_refuse_truncate on risk.rejects;
drop trigger _900_refuse_truncate on risk.decisions;
drop trigger _900_refuse_change on risk.rejects;
drop trigger _900_refuse_change on risk.decisions;
drop trigger _900_refuse_change on risk.limits;
drop function risk.record_flatten(risk.flattens, text, boolean, timestamptz);
drop function risk.open_flatten(uuid, text, timestamptz);
drop function risk.get_flatten(uuid);
drop function risk.check_order(uuid, uuid, text, bigint, jsonb, bigint, risk.order_terms, timestamptz);
drop function risk.get_facts(uuid, text, bigint, jsonb, bigint, timestamptz);
drop function risk.get_quote(uuid, text, timestamptz);
drop function risk.get_portfolio(uuid, text, jsonb, timestamptz);
drop function risk.clear_day_trader(uuid, text, timestamptz);
drop function risk.set_day_trader_flag(text, boolean, bigint, text, timestamptz);
drop function risk.count_day_trades(text, timestamptz);
drop function risk.get_day_trader_flag(text);
drop function risk.restrict_symbols(jsonb, text, text, timestamptz, timestamptz);
drop function risk.list_restrictions(timestamptz);
drop function risk.get_restriction(text, timestamptz);
drop function risk.find_denial(risk.limits, risk.order_facts);
drop function risk.is_beyond_collar(risk.limits, risk.order_facts);
drop function risk.is_beside_stop(risk.order_facts);
drop function risk.find_pdt_denial(risk.limits, risk.order_facts);
drop function risk.is_reducing(bigint, bigint, bigint, bigint);
drop function risk.evaluate(uuid, timestamptz);
drop function risk.find_breach(risk.states, timestamptz);
drop function risk.name_breach(risk.limits, bigint, bigint, bigint, bigint, bigint);
drop function risk.roll_state(uuid, date, bigint, bigint, timestamptz);
drop function risk.record_reject(uuid, text, timestamptz);
drop function risk.is_breached(bigint, bigint, bigint);
drop function risk.set_limits(uuid, bigint, jsonb, date, timestamptz);
drop function risk.compute_limits(uuid, bigint, jsonb);

commit;
