create or replace function lab.is_settled(
    p_set    lab.datasets,
    p_config jsonb
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select p_config #> '{data,forbid_periods}' = '[]'
           and p_config #>> '{data,corporate_actions}' <> 'FORBID'
           and n.next_on is not null
           and not exists (
               select from unnest((p_set).symbols) as s (symbol)
                where (ref.get_listing(s.symbol, (p_set).from_on)).is_listed is not true
                   or exists (select from ref.listings as l
                               where l.symbol = s.symbol and l.effective_on > (p_set).from_on
                                 and l.effective_on <= n.next_on)
                   or exists (select from risk.restrictions as r where r.symbol = s.symbol))
      from (select min(s.session_on) as next_on from ref.sessions as s
             where s.exchange_id = (p_set).exchange_id and s.session_on > (p_set).to_on) as n;
$function$;

comment on function lab.is_settled(lab.datasets, jsonb) is
$$True when lab.get_standing is the same at every tick of a dataset but for the state of the session: all
symbols listed throughout, none ever restricted, no forbidden period, a session after the last.
Why: then it need not be asked for each order.$$;
