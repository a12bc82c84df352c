create or replace function lab.store_dataset(
    p_set    lab.datasets,
    p_now_at timestamptz
)
returns lab.datasets
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_set lab.datasets;
begin
    select d.* into v_set from lab.datasets as d where d.dataset_id = p_set.dataset_id;
    if found then
        return v_set;
    end if;
    insert into lab.packs
    select k.* from lab.list_packs(p_set, p_now_at) as k;
    insert into lab.datasets (
        dataset_id, exchange_id, timeframe, symbols, from_on, to_on, ticks, bars, data_sha256, frozen_by,
        frozen_at)
    select p_set.dataset_id, p_set.exchange_id, p_set.timeframe, p_set.symbols, p_set.from_on, p_set.to_on,
           sum(cardinality(k.ends_at)), sum(cardinality(array_remove(k.volumes, null))),
           p_set.data_sha256, p_set.frozen_by, p_set.frozen_at
      from lab.packs as k
     where k.dataset_id = p_set.dataset_id
    returning * into v_set;
    perform lab.store_splits(v_set);
    perform audit.append_desk_event(
        'LAB', 'DATASET_FROZEN', to_jsonb(v_set) - array['frozen_at', 'frozen_by'], p_now_at);
    return v_set;
end;
$function$;

comment on function lab.store_dataset(lab.datasets, timestamptz) is
$$Writes a frozen cut of the store, unless it is there.$$;
