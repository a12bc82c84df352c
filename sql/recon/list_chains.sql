create or replace function recon.list_chains(
    p_document jsonb
)
returns table (
    row_no     bigint,
    told       jsonb,
    name       text,
    before_qty bigint,
    bad_text   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive told as materialized (
        select o.ordinality as row_no, o.value as document, o.value ->> 'broker_order_id' as id,
               o.value ->> 'replaces' as replaces, o.value ->> 'filled_qty' as filled_text,
               core.parse_shares(o.value ->> 'filled_qty') as filled_qty
          from jsonb_array_elements(p_document -> 'orders') with ordinality as o
         where o.value ->> 'replaces' is null
            or lower(o.value ->> 'status') is distinct from 'rejected'
    ), live as materialized (
        select t.* from told as t
         where not exists (select from told as n where n.replaces = t.id)
    ), before as (
        select l.row_no, l.replaces as id from live as l where l.replaces is not null
         union
        select b.row_no, t.replaces
          from before as b join told as t using (id) where t.replaces is not null
    ), filled as (
        select b.row_no, sum(t.filled_qty)::bigint as before_qty,
               min(coalesce(t.filled_text, 'none'))
                   filter (where coalesce(t.filled_qty, -1) < 0) as bad_text
          from before as b join told as t using (id)
         group by b.row_no
    )
    select l.row_no, l.document, regexp_replace(l.document ->> 'client_order_id', '-r\d+$', ''),
           coalesce(f.before_qty, 0), f.bad_text
      from live as l
      left join filled as f using (row_no);
$function$;

comment on function recon.list_chains(jsonb) is
$$The orders of a snapshot that stand, each under the name of the first of its chain, and with the shares
that were filled by those it stands in the place of; bad_text: what one of them says instead.
Why: a replace ends one broker order and begins the next, which counts its fills from zero; the chain is
the one order that we know. A successor that was rejected never was one.$$;
