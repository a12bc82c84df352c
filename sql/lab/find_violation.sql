create or replace function lab.find_violation(
    p_backtest_id uuid,
    p_cuts        integer[]
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select v.fault
      from (select f.tick_no, 1 as rank, f.fault
              from lab.backtests as b
             cross join lateral lab.list_reach_faults(b.strategy_id) as f
             where b.backtest_id = p_backtest_id
             union all
            select f.tick_no, 2, format('tick %s: %s', f.tick_no, f.fault)
              from lab.list_time_faults(p_backtest_id) as f
             union all
            select f.tick_no, 3, format('tick %s: %s', f.tick_no, f.fault)
              from unnest(p_cuts) as c
             cross join lateral lab.list_window_faults(p_backtest_id, c) as f
             union all
            select t.cut_tick, 4, format('cut after tick %s, future %s: %s', t.cut_tick, t.poison,
                                         t.difference)
              from lab.trials as t
             where t.backtest_id = p_backtest_id and t.difference is not null) as v
     order by v.rank, v.tick_no, v.fault
     limit 1;
$function$;

comment on function lab.find_violation(uuid, integer[]) is
$$The first thing by which a backtest looked ahead: what its strategy reaches for, the rules of time, the
windows at the cuts, every trial of it. Null: nothing.$$;
