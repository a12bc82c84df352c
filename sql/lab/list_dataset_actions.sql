create or replace function lab.list_dataset_actions(
    p_set      lab.datasets,
    p_as_of_at timestamptz
)
returns setof md.corporate_actions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.*
      from (select min(e.opens_at) as opens_at, max(e.closes_at) as closes_at
              from ref.sessions as e
             where e.exchange_id = (p_set).exchange_id
               and e.session_on between (p_set).from_on and (p_set).to_on) as x
     cross join unnest((p_set).symbols) as s (symbol)
     cross join lateral md.list_actions_as_of(s.symbol, p_as_of_at) as a
     where a.effective_at > x.opens_at
       and a.effective_at < least(x.closes_at, p_as_of_at)
     order by a.effective_at, a.action_kind, a.symbol collate "C";
$function$;

comment on function lab.list_dataset_actions(lab.datasets, timestamptz) is
$$The corporate actions that took effect between the first bar of a dataset and its last, as they stood at
p_as_of_at.$$;
