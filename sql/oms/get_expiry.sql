create or replace function oms.get_expiry(
    p_symbol text,
    p_now_at timestamptz
)
returns timestamptz
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.closes_at
      from ref.instruments as i
      cross join lateral ref.get_next_session(i.exchange_id, p_now_at) as s
     where i.symbol = p_symbol;
$function$;

comment on function oms.get_expiry(text, timestamptz) is
$$Until when an order given at p_now_at may leave the house: the close of the next session.$$;
