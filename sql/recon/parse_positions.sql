create or replace function recon.parse_positions(
    p_document jsonb
)
returns table (
    row_no       bigint,
    symbol       text,
    position_qty bigint,
    defect       text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with told as (
        select p.ordinality as row_no, p.value ->> 'symbol' as symbol,
               p.value ->> 'qty' as qty_text, core.parse_shares(p.value ->> 'qty') as qty,
               row_number() over (partition by p.value ->> 'symbol' order by p.ordinality)
               as repeat_no
          from jsonb_array_elements(p_document -> 'positions') with ordinality as p
    )
    select t.row_no, nullif(left(t.symbol, 32), ''), t.qty,
           case when coalesce(t.symbol, '') = '' then 'MissingSymbol'
                when length(t.symbol) > 32 then 'NameTooLong'
                when t.repeat_no > 1 then 'DuplicateSymbol'
                when t.qty is null and t.qty_text ~ '^-?[0-9]+\.[0-9]+$' then 'Fractional'
                when t.qty is null then 'UnknownQty' end
      from told as t;
$function$;

comment on function recon.parse_positions(jsonb) is
$$The positions of a snapshot as rows, every one, in its order, signed whole shares; defect names why
a row cannot be read.$$;
