create or replace function lab.derive_order_name(
    p_terms     lab.terms,
    p_dataset_id uuid,
    p_tick_no   integer,
    p_symbol_no integer
)
returns uuid
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select oms.derive_intent_id(
               (p_terms).id_base, (p_terms).strategy_id,
               k.ends_at[p_tick_no - k.first_tick + 1], d.symbols[p_symbol_no])
      from lab.datasets as d
      join lab.packs as k using (dataset_id)
     where d.dataset_id = p_dataset_id
       and k.pack_no = (p_tick_no - 1) / 512;
$function$;

comment on function lab.derive_order_name(lab.terms, uuid, integer, integer) is
$$The id by which the paper market tells two orders of one symbol and quantity apart.$$;
