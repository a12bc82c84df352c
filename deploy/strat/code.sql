-- Deploy mqk:strat/code to pg
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

create or replace function strat.register_strategy(
    p_strategy_id   text,
    p_strategy_kind text,
    p_version       text,
    p_now_at        timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into strat.strategies (strategy_id, strategy_kind, version, is_enabled, registered_at)
    values (p_strategy_id, p_strategy_kind, p_version, true, p_now_at)
    on conflict (strategy_id) do nothing;
    if found then
        perform audit.append_desk_event(
            'STRATEGY', 'STRATEGY_REGISTERED',
            jsonb_build_object('strategy_id', p_strategy_id, 'kind', p_strategy_kind,
                               'version', p_version), p_now_at);
    end if;
end;
$function$;

comment on function strat.register_strategy(text, text, text, timestamptz) is
$$Registers a strategy (PYTHON runs in the strategist, SQL is the function strat.decide_<id>).
Raises: 23514 a bad name or kind.$$;

create or replace function strat.assign_strategy(
    p_run_id      uuid,
    p_strategy_id text,
    p_timeframe   text,
    p_window_bars integer,
    p_parameters  jsonb,
    p_stop_bps    integer
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from strat.strategies as s
                 where s.strategy_id = p_strategy_id and s.is_enabled),
        'MQN05', p_strategy_id);
    insert into strat.assignments (run_id, strategy_id, timeframe, window_bars, parameters, stop_bps)
    values (p_run_id, p_strategy_id, p_timeframe, p_window_bars, p_parameters, p_stop_bps);
end;
$function$;

comment on function strat.assign_strategy(uuid, text, text, integer, jsonb, integer) is
$$Binds a run to its one strategy, window, parameters and protective stop.
Raises: MQN05 not registered or not enabled; 23505 the run has one already.$$;

create or replace function strat.get_context(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    strategy_id   text,
    strategy_kind text,
    bar_end_at    timestamptz,
    context       jsonb
)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select a.strategy_id, s.strategy_kind, c.bar_end_at,
           jsonb_build_object(
               'bar_end_at', core.format_iso(c.bar_end_at),
               'equity_micros', e.equity_micros,
               'parameters', a.parameters,
               'positions', (
                   select jsonb_object_agg(u.symbol, ledger.get_position_qty(p_run_id, u.symbol))
                     from run.universe as u where u.run_id = p_run_id),
               'bars', (
                   select jsonb_object_agg(u.symbol, (
                              select jsonb_agg(jsonb_build_array(
                                         b.session_on, core.format_iso(b.bar_end_at), b.open_micros,
                                         b.high_micros, b.low_micros, b.close_micros, b.volume)
                                         order by b.bar_end_at)
                                from md.list_adjusted_bars_as_of(
                                     u.symbol, a.timeframe, a.window_bars,
                                     f.config #>> '{data,adjustment}', c.bar_end_at, p_now_at) as b))
                     from run.universe as u where u.run_id = p_run_id))
      from strat.assignments as a
      join strat.strategies as s using (strategy_id)
      join run.runs as r using (run_id)
      join run.configs as f using (config_hash)
      cross join lateral md.get_complete_bar(p_run_id, p_now_at) as c
      cross join lateral ledger.compute_exposure(p_run_id, (
           select jsonb_object_agg(m.symbol, md.restate_price(
                      m.symbol, m.mark_micros, c.bar_end_at, p_now_at))
             from md.list_marks(p_run_id, c.bar_end_at) as m)) as e
     where a.run_id = p_run_id
       and r.run_status = 'RUNNING'
       and not exists (select from ledger.list_due_actions(p_run_id, p_now_at))
       and not exists (
          select from strat.decisions as d
           where d.run_id = p_run_id and d.strategy_id = a.strategy_id
             and d.bar_end_at = c.bar_end_at);
$function$;

comment on function strat.get_context(uuid, timestamptz) is
$$All that a run's strategy may see at p_now_at: one row, or none when there is nothing to decide
(not running, the last bar not there for every symbol, a corporate action due, or decided already).
context: {bar_end_at, equity_micros, parameters, positions {symbol: shares},
bars {symbol: [[session_on, bar_end_at, o, h, l, c, volume], oldest first]}}, money in micros. Bars are
adjusted as data.adjustment says (RAW, SPLITS, ALL) to the shares of p_now_at, in which targets are given.
Why: a bar that closes after p_now_at cannot be in it; Python and SQL strategies get the same.
Raises: MQI02 a held symbol has no mark.$$;

create or replace function strat.decide_sma_trend_sql(
    p_context jsonb
)
returns table (
    symbol     text,
    target_qty bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with knobs as (
        select (p_context -> 'parameters' ->> 'fast_bars')::bigint as fast_bars,
               (p_context -> 'parameters' ->> 'slow_bars')::bigint as slow_bars,
               (p_context -> 'parameters' ->> 'weight_bps')::bigint as weight_bps,
               (p_context ->> 'equity_micros')::bigint as equity_micros
    ), sums as (
        select s.key as symbol, count(*) as bars,
               sum((b.value ->> 5)::bigint) filter (where b.nth > b.n - k.fast_bars) as fast_sum,
               sum((b.value ->> 5)::bigint) filter (where b.nth > b.n - k.slow_bars) as slow_sum,
               max((b.value ->> 5)::bigint) filter (where b.nth = b.n) as close_micros
          from knobs as k
          cross join jsonb_each(p_context -> 'bars') as s
          cross join lateral (
            select e.value, e.ordinality as nth, jsonb_array_length(s.value) as n
              from jsonb_array_elements(s.value) with ordinality as e) as b
         where jsonb_typeof(s.value) = 'array'
         group by s.key
    )
    select s.symbol,
           case when s.bars < k.slow_bars
                  or s.fast_sum * k.slow_bars <= s.slow_sum * k.fast_bars then 0
                when h.held > 0 then h.held
                else div(div(greatest(k.equity_micros, 0)::numeric * k.weight_bps, 10000), s.close_micros)
           end::bigint
      from sums as s
      cross join knobs as k
      cross join lateral (
        select coalesce((p_context -> 'positions' ->> s.symbol)::bigint, 0) as held) as h
     order by s.symbol collate "C";
$function$;

comment on function strat.decide_sma_trend_sql(jsonb) is
$$Moving-average trend: long weight_bps of equity while the fast average is above the slow one.
Same rule as the Python strategy sma_trend: sums are compared, not averages; equal is flat; a long
position is kept as it is; fewer bars than slow_bars is flat.$$;

create or replace function strat.has_its_prices(
    p_wish strat.wish
)
returns boolean
language sql
immutable
parallel safe
return coalesce(
    case (p_wish).order_type
         when 'MARKET' then num_nonnulls((p_wish).limit_price_micros, (p_wish).stop_price_micros) = 0
         when 'LIMIT' then core.is_on_tick((p_wish).limit_price_micros)
                           and (p_wish).stop_price_micros is null
         when 'STOP' then core.is_on_tick((p_wish).stop_price_micros)
                          and (p_wish).limit_price_micros is null
         when 'STOP_LIMIT' then core.is_on_tick((p_wish).limit_price_micros)
                                and core.is_on_tick((p_wish).stop_price_micros) end, false);

comment on function strat.has_its_prices(strat.wish) is
$$Whether an order type is known and has exactly the prices that belong to it, each on a tick.$$;

create or replace function strat.parse_target(
    p_value jsonb
)
returns strat.wish
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wish strat.wish;
begin
    v_wish.order_type := 'MARKET';
    if jsonb_typeof(p_value) is distinct from 'object' then
        v_wish.target_qty := core.parse_shares(p_value #>> '{}');
    else
        v_wish.target_qty := core.parse_shares(p_value ->> 'qty');
        v_wish.order_type := coalesce(p_value ->> 'order_type', 'MARKET');
        v_wish.limit_price_micros := core.parse_shares(p_value ->> 'limit_price_micros');
        v_wish.stop_price_micros := core.parse_shares(p_value ->> 'stop_price_micros');
        if p_value - array['qty', 'order_type', 'limit_price_micros', 'stop_price_micros'] <> '{}'
           or num_nonnulls(v_wish.limit_price_micros, v_wish.stop_price_micros)
              <> num_nonnulls(p_value ->> 'limit_price_micros', p_value ->> 'stop_price_micros')
           or not strat.has_its_prices(v_wish)
        then
            return null;
        end if;
    end if;
    return case when v_wish.target_qty is not null then v_wish end;
end;
$function$;

comment on function strat.parse_target(jsonb) is
$$What a strategy wants of a symbol: signed whole shares at the market, or {qty, order_type,
limit_price_micros, stop_price_micros} with the prices that the type has; null when it cannot be read.$$;

create or replace function strat.format_target(
    p_row jsonb
)
returns jsonb
language sql
immutable
parallel safe
return case
    when coalesce(p_row ->> 'order_type', 'MARKET') = 'MARKET'
         and num_nonnulls(p_row ->> 'limit_price_micros', p_row ->> 'stop_price_micros') = 0
    then p_row -> 'target_qty'
    else jsonb_strip_nulls(jsonb_build_object(
        'qty', p_row -> 'target_qty', 'order_type', p_row -> 'order_type',
        'limit_price_micros', p_row -> 'limit_price_micros',
        'stop_price_micros', p_row -> 'stop_price_micros'))
end;

comment on function strat.format_target(jsonb) is
$$A row of a SQL strategy as a target: its shares, with order type and prices if it has those columns and
does not want the market.$$;

create or replace function strat.run_sql_strategy(
    p_strategy_id text,
    p_context     jsonb
)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_targets jsonb;
begin
    perform core.assert_that(
        to_regprocedure(format('strat.%I(jsonb)', 'decide_' || p_strategy_id)) is not null,
        'MQN05', p_strategy_id);
    execute format(
        'select jsonb_object_agg(d.symbol, strat.format_target(to_jsonb(d))) from strat.%I($1) as d',
        'decide_' || p_strategy_id)
       into v_targets using p_context;
    return coalesce(v_targets, '{}');
end;
$function$;

comment on function strat.run_sql_strategy(text, jsonb) is
$$Calls strat.decide_<strategy>(context) and gives its targets {symbol: target}, see strat.parse_target.
Why: a SQL strategy has the contract of a Python one; the name is looked up, then quoted.
Raises: MQN05 no such function.$$;

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

select strat.register_strategy('sma_trend_sql', 'SQL', '1', timestamptz '2026-11-21 00:00:00+00');

create or replace trigger _900_refuse_change before update or delete on strat.decisions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on strat.targets
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on strat.assignments
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on strat.decisions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on strat.targets
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on strat.assignments
for each statement execute function core.tg_refuse_change();

commit;
