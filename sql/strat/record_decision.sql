create or replace function strat.record_decision(
    p_run_id     uuid,
    p_bar_end_at timestamptz,
    p_context    jsonb,
    p_targets    jsonb,
    p_now_at     timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_strategy_id text;
    v_foreign     text;
begin
    perform core.assert_that(
        jsonb_typeof(p_targets) = 'object', 'MQA08', coalesce(jsonb_typeof(p_targets), 'null'));
    select a.strategy_id into strict v_strategy_id
      from strat.assignments as a where a.run_id = p_run_id;
    select string_agg(t.key || '=' || t.value, ', ' order by t.key) into v_foreign
      from jsonb_each(p_targets) as t
     where (strat.parse_target(t.value)).target_qty is null
        or not exists (select from run.universe as u
                        where u.run_id = p_run_id and u.symbol = t.key);
    perform core.assert_that(v_foreign is null, 'MQA08', v_foreign);

    insert into strat.decisions (run_id, strategy_id, bar_end_at, context_sha256, decided_at)
    values (p_run_id, v_strategy_id, p_bar_end_at, core.hash_text(p_context::text),
            run.clamp_now(p_run_id, p_now_at))
    on conflict (run_id, strategy_id, bar_end_at) do nothing;
    if not found then
        return false;
    end if;
    insert into strat.targets (
        run_id, strategy_id, bar_end_at, symbol, target_qty, order_type, limit_price_micros,
        stop_price_micros)
    select p_run_id, v_strategy_id, p_bar_end_at, u.symbol, w.target_qty, w.order_type,
           w.limit_price_micros, w.stop_price_micros
      from run.universe as u
     cross join lateral strat.parse_target(coalesce(p_targets -> u.symbol, '0')) as w
     where u.run_id = p_run_id
     order by u.symbol collate "C";
    perform audit.append_event(
        p_run_id, 'STRATEGY', 'TARGETS_DECIDED',
        jsonb_build_object('strategy_id', v_strategy_id, 'bar_end_at', core.format_iso(p_bar_end_at),
                           'targets', p_targets, 'context_sha256', core.hash_text(p_context::text)),
        p_now_at);
    return true;
end;
$function$;

comment on function strat.record_decision(uuid, timestamptz, jsonb, jsonb, timestamptz) is
$$Stores what a strategy decided on a bar; false when that bar was decided before.
p_targets: {symbol: target}, see strat.parse_target; a symbol left out means 0.
Why: the same bar is never decided twice, whatever is retried.
Raises: MQA08 a target outside the universe or not in whole shares, or with prices that do not
belong to its order type.$$;
