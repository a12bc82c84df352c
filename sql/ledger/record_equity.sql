create or replace function ledger.record_equity(
    p_run_id       uuid,
    p_session_on   date,
    p_cash_micros  bigint,
    p_net_micros   bigint,
    p_gross_micros bigint,
    p_now_at       timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    with before as (
        select e.* from ledger.equity_points as e
         where e.run_id = p_run_id
         order by e.point_seq desc
         limit 1
    )
    insert into ledger.equity_points (
        run_id, point_seq, session_on, cash_micros, net_micros, gross_micros, marked_at)
    select p_run_id, coalesce((select b.point_seq from before as b), 0) + 1, p_session_on,
           p_cash_micros, p_net_micros, p_gross_micros, p_now_at
     where not exists (
        select from before as b
         where (b.session_on, b.cash_micros, b.net_micros, b.gross_micros)
             = (p_session_on, p_cash_micros, p_net_micros, p_gross_micros));
$function$;

comment on function ledger.record_equity(uuid, date, bigint, bigint, bigint, timestamptz) is
$$Appends an equity point unless nothing changed since the last one.$$;
