create or replace function ops.list_session_equity(
    p_run_id uuid
)
returns table (
    session_on    date,
    equity_micros bigint,
    cash_micros   bigint,
    gross_micros  bigint,
    peak_micros   bigint,
    return_ratio  numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with closing as (
        select distinct on (e.session_on) e.*
          from ledger.equity_points as e
          join run.runs as r using (run_id)
         where e.run_id = p_run_id
           and e.session_on >= (r.as_of_at at time zone 'UTC')::date
         order by e.session_on, e.point_seq desc
    )
    select c.session_on, c.equity_micros, c.cash_micros, c.gross_micros,
           greatest(max(c.equity_micros) over w, r.initial_cash_micros),
           c.equity_micros::numeric
           / nullif(coalesce(lag(c.equity_micros) over w, r.initial_cash_micros), 0) - 1
      from closing as c
      join run.runs as r using (run_id)
    window w as (order by c.session_on)
     order by c.session_on;
$function$;

comment on function ops.list_session_equity(uuid) is
$$Equity of a run at the end of each session, in micros, with the peak so far and the return since the
session before (the first: since the opening cash).$$;
