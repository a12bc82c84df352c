create or replace function replay.fold_limits(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with began as (
        select e.* from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at and e.event_name = 'LIMITS_SET'
    ), points as (
        select 0 as point_seq, (b.payload ->> 'session_on')::date as session_on,
               (b.payload ->> 'equity_micros')::bigint as equity, 0::bigint as gross
          from began as b
         union all
        select p.point_seq, p.session_on, p.equity_micros, p.gross_micros
          from ledger.equity_points as p
         where p.run_id = p_run_id and p.marked_at <= p_until_at
    ), days as (
        select p.*, max(p.session_on) over w as day_on,
               max(p.equity) over w as peak,
               lag(p.equity) over w as before_equity,
               lag(p.session_on) over w as before_on
          from points as p
        window w as (order by p.point_seq)
    ), started as (
        select d.*, count(*) filter (where d.session_on > d.before_on) over (order by d.point_seq)
                   as day_no
          from days as d
    ), based as (
        select s.*, first_value(coalesce(s.before_equity, s.equity))
                   over (partition by s.day_no order by s.point_seq) as day_start
          from started as s
    )
    select 'risk.states', to_jsonb(z)
      from (select p_run_id as run_id, b.day_on as session_on, b.day_start as day_start_micros,
                   b.peak as peak_micros, b.equity as equity_micros, b.gross as gross_micros,
                   max(greatest(b.day_start - b.equity, 0)) over w as worst_day_micros,
                   max(b.peak - b.equity) over w as worst_fall_micros
              from based as b
            window w as (order by b.point_seq)
             order by b.point_seq desc limit 1) as z
     union all
    select 'risk.limits', b.payload -> 'limits' || jsonb_build_object('run_id', b.chain_id)
      from began as b;
$function$;

comment on function replay.fold_limits(uuid, timestamptz) is
$$The limits of a run as its diary tells them, and its risk state: day start, peak and worst falls over all
points of its equity.$$;
