create or replace function ops.list_order_causes(
    p_run_id   uuid,
    p_order_id uuid
)
returns table (
    at       timestamptz,
    place    integer,
    seq      bigint,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with i as (
        select i.*
          from oms.orders as o
          join oms.intents as i using (run_id, intent_id)
         where o.run_id = p_run_id and o.order_id = p_order_id
    )
    select b.bar_end_at, 0, 0::bigint, 'bar',
           format('%s of %s: open %s, high %s, low %s, close %s, volume %s; %s, by %s', b.symbol,
                  b.session_on, core.format_micros(b.open_micros), core.format_micros(b.high_micros),
                  core.format_micros(b.low_micros), core.format_micros(b.close_micros), b.volume,
                  g.feed, g.ingested_by), 'md.ingests ' || b.ingest_id
      from i
      join strat.assignments as a using (run_id)
      join md.bars as b on b.symbol = i.symbol and b.timeframe = a.timeframe
                       and b.bar_end_at = i.bar_end_at
      join md.ingests as g using (ingest_id)
     union all
    select d.decided_at, 1, 0, 'decision',
           format('%s saw the context %s', d.strategy_id, left(d.context_sha256, 12)),
           'strat.decisions ' || core.format_iso(d.bar_end_at)
      from i join strat.decisions as d using (run_id, strategy_id, bar_end_at)
     union all
    select d.decided_at, 1, 1, 'target', format('%s shares of %s by %s', t.target_qty, t.symbol, concat_ws(
               ' ', t.order_type, 'stop ' || core.format_micros(t.stop_price_micros),
               'limit ' || core.format_micros(t.limit_price_micros))),
           'strat.targets ' || core.format_iso(t.bar_end_at)
      from i
      join strat.targets as t using (run_id, strategy_id, bar_end_at, symbol)
      join strat.decisions as d using (run_id, strategy_id, bar_end_at)
     union all
    select i.created_at, 2, 0, 'intent',
           format('%s on bar %s: target %s, held %s, open %s, so %s %s', i.strategy_id,
                  core.format_iso(i.bar_end_at), i.target_qty, i.position_qty, i.open_qty,
                  i.order_qty, i.symbol), 'oms.intents ' || i.intent_id
      from i
     union all
    select d.decided_at, 3, 0, 'verdict',
           format('%s %s: %s', d.verdict, d.rule, d.numbers - 'limits'),
           'risk.decisions ' || d.intent_id
      from i join risk.decisions as d using (run_id, intent_id);
$function$;

comment on function ops.list_order_causes(uuid, uuid) is
$$Why an order was given: the bar and where it came from, the decision, the target, the intent, the verdict
with the numbers that it saw.$$;
