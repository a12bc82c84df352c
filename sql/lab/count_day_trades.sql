create or replace function lab.count_day_trades(
    p_orders     integer[],
    p_sessions   integer[],
    p_session_no integer
)
returns bigint
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select count(distinct t.order_no)
      from unnest(p_orders, p_sessions) as t (order_no, session_no)
     where t.session_no between p_session_no - 4 and p_session_no;
$function$;

comment on function lab.count_day_trades(integer[], integer[], integer) is
$$Orders that closed shares in the session in which they were opened, over five sessions up to p_session_no,
the one in which an order given now would trade: what risk.count_day_trades counts for a run.
p_orders, p_sessions: each closing of that kind.$$;
