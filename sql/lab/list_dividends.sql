create or replace function lab.list_dividends(
    p_set lab.datasets
)
returns table (
    symbol_no     integer,
    effective_us  bigint,
    pay_us        bigint,
    amount_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.nth::integer, (extract(epoch from a.effective_at) * 1000000)::bigint,
           (extract(epoch from a.pay_at) * 1000000)::bigint, a.amount_micros
      from unnest((p_set).symbols) with ordinality as s (symbol, nth)
     cross join lateral md.list_actions_as_of(s.symbol, (p_set).frozen_at) as a
      join ref.sessions as e
        on e.exchange_id = (p_set).exchange_id and e.session_on = (p_set).from_on
     where a.action_kind = 'CASH_DIVIDEND'
       and a.effective_at > e.opens_at and a.effective_at <= (p_set).frozen_at
     order by a.pay_at, a.effective_at, s.nth;
$function$;

comment on function lab.list_dividends(lab.datasets) is
$$The dividends of a dataset's symbols from its first session on, by the day on which they are paid: what is
held at effective_us (microseconds since 1970) is owed amount_micros a share, paid at pay_us.$$;
