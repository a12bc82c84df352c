create or replace function oms.plan_intents(
    p_run_id  uuid,
    p_targets jsonb,
    p_now_at  timestamptz
)
returns table (
    symbol          text,
    target_qty      bigint,
    order_qty       bigint,
    verdict         text,
    rule            text,
    client_order_id text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run      run.runs;
    v_context  record;
    v_target   strat.targets;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(v_run.run_status = 'RUNNING', 'MQS02', v_run.run_status);
    perform oms.assert_queue(p_run_id);
    select c.* into v_context from strat.get_context(p_run_id, p_now_at) as c;
    if not found or not strat.record_decision(
        p_run_id, v_context.bar_end_at, v_context.context,
        case v_context.strategy_kind
            when 'SQL' then strat.run_sql_strategy(v_context.strategy_id, v_context.context)
            else p_targets end, p_now_at)
    then
        return;
    end if;
    for v_target in
        select t.* from strat.targets as t
         where t.run_id = p_run_id and t.strategy_id = v_context.strategy_id
           and t.bar_end_at = v_context.bar_end_at
         order by t.target_qty - ledger.get_position_qty(p_run_id, t.symbol), t.symbol collate "C"
    loop
        return query select p.* from oms.plan_symbol(v_target, p_now_at) as p;
    end loop;
    perform pg_notify('mqk_outbox', p_run_id::text);
end;
$function$;

comment on function oms.plan_intents(uuid, jsonb, timestamptz) is
$$From a strategy's targets {symbol: shares} for the last complete bar to intents, verdicts and
orders: sells first, one row each. A SQL strategy decides here and p_targets is not looked at.
No row when there is nothing to decide; a bar is decided once.
Raises: MQS02 not running; MQG22 too many requests wait; MQA08 bad targets; MQI02 no mark.$$;
