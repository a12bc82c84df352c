create or replace function risk.get_restriction(
    p_symbol text,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((select r.restriction from risk.restrictions as r
                      where r.symbol = p_symbol
                        and (r.effective_at is null or r.effective_at <= p_now_at)
                      order by r.restriction_seq desc limit 1), 'NONE');
$function$;

comment on function risk.get_restriction(text, timestamptz) is
$$What the restricted list says of a symbol at p_now_at: NONE, SHORT or TRADE. Of what is in force by then
the last said counts, so that a new word overrides an end that was planned before it.$$;
