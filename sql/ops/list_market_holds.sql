create or replace function ops.list_market_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with r as (select * from run.runs as r where r.run_id = p_run_id),
    c as (
        select c.*
          from r
          left join lateral md.get_complete_bar(p_run_id, p_now_at) as c on true
    )
    select 1, 'bars', c.bar_end_at is not null, c.bar_end_at,
           coalesce('bar ' || md.format_bar(p.timeframe, c.session_on, c.bar_end_at)
                    || ' is complete', 'the last bar is not there for every symbol'),
           (select string_agg(format('%s %s', b.symbol, b.last_on), ', ' order by b.symbol collate "C")
              from (select u.symbol, max(b.session_on) as last_on
                      from run.universe as u
                      left join md.bars as b on b.symbol = u.symbol and b.timeframe = p.timeframe
                                            and b.bar_end_at <= p_now_at
                     where u.run_id = p_run_id
                     group by u.symbol) as b),
           'md.bars', 'mqk worker marketdata; mqk md status'
      from c
      cross join md.policies as p
     where p.run_id = p_run_id
     union all
    select 4, 'strategy', s.is_enabled, s.registered_at,
           format('%s %s, version %s', s.strategy_kind, s.strategy_id, s.version),
           format('a window of %s bars', a.window_bars), 'strat.assignments',
           'mqk run strategies; enable it, or create a run with another'
      from strat.assignments as a
      join strat.strategies as s using (strategy_id)
     where a.run_id = p_run_id
     union all
    select 5, 'decision', d.bar_end_at is not null, d.decided_at,
           case when d.bar_end_at is not null then 'the last bar is decided'
                when c.bar_end_at is null then 'no complete bar to decide on'
                else 'the last bar waits for the strategist' end,
           (select string_agg(format('%s %s', t.symbol, t.target_qty), ', ' order by t.symbol collate "C")
              from strat.targets as t
             where t.run_id = p_run_id and t.bar_end_at = d.bar_end_at),
           'strat.decisions ' || core.format_iso(d.bar_end_at), 'mqk worker strategist'
      from c
      left join strat.decisions as d on d.run_id = p_run_id and d.bar_end_at = c.bar_end_at;
$function$;

comment on function ops.list_market_holds(uuid, timestamptz) is
$$From a bar to a target: is the last bar complete, is the strategy enabled, has it decided.$$;
