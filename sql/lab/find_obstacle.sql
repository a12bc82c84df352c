create or replace function lab.find_obstacle(
    p_set    lab.datasets,
    p_config jsonb,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with p as (
        select s.symbol, e.opens_at, d.config
          from (select p_config -> 'data' as config) as d
          join ref.sessions as e on e.exchange_id = (p_set).exchange_id and e.session_on = (p_set).from_on
         cross join unnest((p_set).symbols) as s (symbol)
    ), until as (
        select max(k.ends_at[cardinality(k.ends_at)]) as at from lab.packs as k
         where k.dataset_id = (p_set).dataset_id
    )
    select array_to_string((array_agg(o.what order by o.what collate "C"))[:20], '; ')
      from (select format('%s from %s to %s on %s looks like a split of %s', p.symbol,
                          core.format_micros(j.before_micros), core.format_micros(j.open_micros),
                          j.session_on, j.looks_like) as what
              from p
             cross join lateral md.list_unexplained_jumps(
                   p.symbol, (p_set).timeframe, (p_set).from_on,
                   (p.config ->> 'split_tolerance_bps')::integer, p_now_at) as j
             where j.session_on <= (p_set).to_on
             union all
            select format('%s %s closed at %s after %s', p.symbol, core.format_iso(j.bar_end_at),
                          core.format_micros(j.close_micros), core.format_micros(j.before_micros))
              from p
             cross join until as u
             cross join lateral md.list_outliers(
                   p.symbol, (p_set).timeframe, p.opens_at, (p.config ->> 'outlier_bps')::integer,
                   p_now_at) as j
             where p.config ->> 'outlier_policy' <> 'IGNORE' and j.bar_end_at <= u.at
               and not md.is_ruled(p.symbol, (p_set).timeframe, j.bar_end_at, 'OUTLIER', '-infinity',
                                   p_now_at)
             union all
            select format('%s %s came in two versions', c.symbol, core.format_iso(c.bar_end_at))
              from until as u
             cross join lateral md.list_conflicts(
                   (p_set).symbols, (p_set).timeframe, (select min(p.opens_at) from p), p_now_at) as c
             where p_config #>> '{data,conflict_policy}' <> 'IGNORE' and not c.is_settled
               and c.bar_end_at <= u.at) as o;
$function$;

comment on function lab.find_obstacle(lab.datasets, jsonb, timestamptz) is
$$The bars of a dataset on which a run of the config would have halted, and which nobody has settled: a jump
like a split that was not announced, a close far from the one before, a bar that came in two versions. In
words, or null.$$;
