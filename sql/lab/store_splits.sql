create or replace function lab.store_splits(
    p_set lab.datasets
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into lab.splits (dataset_id, symbol_no, tick_no, effective_at, ratio_num, ratio_den)
    select (p_set).dataset_id, array_position((p_set).symbols, a.symbol), k.first_tick + u.nth - 1,
           a.effective_at, a.ratio_num, a.ratio_den
      from lab.list_dataset_actions(p_set, (p_set).frozen_at) as a
     cross join lateral (
        select k.first_tick, k.ends_at from lab.packs as k
         where k.dataset_id = (p_set).dataset_id
           and k.ends_at[cardinality(k.ends_at)] > a.effective_at
         order by k.pack_no limit 1) as k
     cross join lateral (
        select min(u.nth)::integer as nth from unnest(k.ends_at) with ordinality as u (at, nth)
         where u.at > a.effective_at) as u
     where a.action_kind = 'SPLIT';
$function$;

comment on function lab.store_splits(lab.datasets) is
$$Freezes the splits of a dataset with its bars: each belongs to the first tick that ends after it.$$;
