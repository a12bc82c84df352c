create or replace function recon.list_row_drifts(
    p_document jsonb
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text,
    is_young   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with rows as (
        select 'orders' as list, o.row_no, o.client_order_id as name, o.defect
          from recon.parse_orders(p_document) as o
         union all
        select 'positions', p.row_no, p.symbol, p.defect
          from recon.parse_positions(p_document) as p
    )
    select case r.defect when 'Fractional' then 'FRACTIONAL' else 'UNREADABLE' end,
           case when r.name is null or r.defect in ('DuplicateOrder', 'DuplicateSymbol')
                then format('%s #%s', r.list, r.row_no)
                else format('%s %s', r.list, r.name) end,
           r.defect,
           left((p_document -> r.list -> (r.row_no - 1)::integer)::text, 500), false
      from rows as r
     where r.defect is not null;
$function$;

comment on function recon.list_row_drifts(jsonb) is
$$Rows of a snapshot that cannot be read, or that hold a fraction of a share; `ours` names the defect,
`theirs` is the row as it came.$$;
