; Results together, and what their parts are written into.

; A value of its parts; null with an error.  ``frame``: the next part's memory, the next array.
define internal ptr @build(ptr %plan.at, ptr %frame) {
%plan = load ptr, ptr %plan.at
%op = load i64, ptr %plan
%one = getelementptr i64, ptr %plan, i64 1
%two = getelementptr i64, ptr %plan, i64 2
%three = getelementptr i64, ptr %plan, i64 3
%first = load i64, ptr %one
%place = load ptr, ptr %frame
%place1 = getelementptr ptr, ptr %place, i64 1
%made.at = getelementptr ptr, ptr %frame, i64 1
%made = load ptr, ptr %made.at
%made1 = getelementptr ptr, ptr %made, i64 1
switch i64 %op, label %no [ i64 0, label %scalar i64 1, label %array i64 2, label %none
  i64 3, label %row i64 4, label %list i64 5, label %dict
  i64 6, label %record i64 7, label %named i64 10, label %filled ]
no:
ret ptr null
scalar:
store ptr %place1, ptr %frame
store ptr %made1, ptr %made.at
store ptr %one, ptr %plan.at
%memory = load ptr, ptr %place
%number = load double, ptr %memory
%float = call ptr @PyFloat_FromDouble(double %number)
ret ptr %float
array:
store ptr %place1, ptr %frame
store ptr %made1, ptr %made.at
%behind = getelementptr i64, ptr %three, i64 %first
store ptr %behind, ptr %plan.at
%owned = load ptr, ptr %made
store ptr null, ptr %made
ret ptr %owned
none:
store ptr %one, ptr %plan.at
call void @Py_IncRef(ptr @"object.none")
ret ptr @"object.none"
row:
store ptr %two, ptr %plan.at
%tuple = call ptr @PyTuple_New(i64 %first)
%inside = getelementptr i8, ptr %tuple, i64 $ITEMS$
br label %rows
list:
store ptr %two, ptr %plan.at
%new = call ptr @PyList_New(i64 %first)
%none0 = icmp eq ptr %new, null
br i1 %none0, label %no, label %listed
listed:
%outside.at = getelementptr i8, ptr %new, i64 $ITEMS$
%outside = load ptr, ptr %outside.at
br label %rows
named:
store ptr %three, ptr %plan.at
%class = inttoptr i64 %first to ptr
%fieldcount = load i64, ptr %two
%instance = call ptr @PyType_GenericAlloc(ptr %class, i64 %fieldcount)
%within = getelementptr i8, ptr %instance, i64 $ITEMS$
br label %rows
rows:
%whole = phi ptr [ %tuple, %row ], [ %new, %listed ], [ %instance, %named ]
%items = phi ptr [ %inside, %row ], [ %outside, %listed ], [ %within, %named ]
%length = phi i64 [ %first, %row ], [ %first, %listed ], [ %fieldcount, %named ]
%empty = icmp eq ptr %whole, null
br i1 %empty, label %no, label %next
next:
%k = phi i64 [ 0, %rows ], [ %k1, %put ]
%more = icmp slt i64 %k, %length
br i1 %more, label %step, label %done
step:
%item = call ptr @inner(ptr %plan.at, ptr %frame)
%failed = icmp eq ptr %item, null
br i1 %failed, label %drop, label %put
put:
%item.at = getelementptr ptr, ptr %items, i64 %k
store ptr %item, ptr %item.at
%k1 = add i64 %k, 1
br label %next
drop:
call void @Py_DecRef(ptr %whole)
ret ptr null
done:
ret ptr %whole
dict:
%keys = getelementptr i64, ptr %two, i64 %first
store ptr %keys, ptr %plan.at
%map = call ptr @PyDict_New()
br label %pairs
filled: ; a copy of one that has the keys: its values are replaced where they lie
%behind.places = getelementptr i64, ptr %three, i64 %first
store ptr %behind.places, ptr %plan.at
%full = load ptr, ptr %two
%copy = call ptr @PyDict_Copy(ptr %full)
%nocopy = icmp eq ptr %copy, null
br i1 %nocopy, label %no, label %opened
opened:
%table.at = getelementptr i8, ptr %copy, i64 $KEYS$
%table = load ptr, ptr %table.at
br label %fill
fill:
%f = phi i64 [ 0, %opened ], [ %f1, %replace ]
%unfilled = icmp slt i64 %f, %first
br i1 %unfilled, label %worth, label %full.now
full.now:
ret ptr %copy
worth:
%new.value = call ptr @inner(ptr %plan.at, ptr %frame)
%spoiled = icmp eq ptr %new.value, null
br i1 %spoiled, label %spoil, label %replace
spoil:
call void @Py_DecRef(ptr %copy)
ret ptr null
replace:
%offset.at = getelementptr i64, ptr %three, i64 %f
%offset = load i64, ptr %offset.at
%value.at = getelementptr i8, ptr %table, i64 %offset
%old.value = load ptr, ptr %value.at
store ptr %new.value, ptr %value.at
call void @Py_DecRef(ptr %old.value)
%f1 = add i64 %f, 1
br label %fill
record:
%count = load i64, ptr %two
%names = getelementptr i64, ptr %three, i64 %count
store ptr %names, ptr %plan.at
%type = inttoptr i64 %first to ptr
%object = call ptr @PyType_GenericAlloc(ptr %type, i64 0)
br label %pairs
pairs:
%holder = phi ptr [ %map, %dict ], [ %object, %record ]
%labels = phi ptr [ %two, %dict ], [ %three, %record ]
%pairs.n = phi i64 [ %first, %dict ], [ %count, %record ]
%void = icmp eq ptr %holder, null
br i1 %void, label %no, label %pair
pair:
%j = phi i64 [ 0, %pairs ], [ %j1, %added ]
%going = icmp slt i64 %j, %pairs.n
br i1 %going, label %make, label %finished
finished:
ret ptr %holder
make:
%value = call ptr @inner(ptr %plan.at, ptr %frame)
%bad = icmp eq ptr %value, null
br i1 %bad, label %discard, label %add
add:
%label.at = getelementptr ptr, ptr %labels, i64 %j
%label = load ptr, ptr %label.at
%isrecord = icmp eq i64 %op, 6
br i1 %isrecord, label %field1, label %item1
item1:
%s1 = call i32 @PyDict_SetItem(ptr %holder, ptr %label, ptr %value)
br label %set
field1:
%s2 = call i32 @PyObject_GenericSetAttr(ptr %holder, ptr %label, ptr %value)
br label %set
set:
%status = phi i32 [ %s1, %item1 ], [ %s2, %field1 ]
call void @Py_DecRef(ptr %value)
%j1 = add i64 %j, 1
%fine = icmp eq i32 %status, 0
br i1 %fine, label %added, label %discard
added:
br label %pair
discard:
call void @Py_DecRef(ptr %holder)
ret ptr null
}

; The same of a part inside: most are floats, which need no call but one.
define internal ptr @inner(ptr %plan.at, ptr %frame) alwaysinline {
%plan = load ptr, ptr %plan.at
%op = load i64, ptr %plan
%scalar = icmp eq i64 %op, 0
br i1 %scalar, label %quick, label %any
quick:
%one = getelementptr i64, ptr %plan, i64 1
store ptr %one, ptr %plan.at
%place = load ptr, ptr %frame
%place1 = getelementptr ptr, ptr %place, i64 1
store ptr %place1, ptr %frame
%made.at = getelementptr ptr, ptr %frame, i64 1
%made = load ptr, ptr %made.at
%made1 = getelementptr ptr, ptr %made, i64 1
store ptr %made1, ptr %made.at
%memory = load ptr, ptr %place
%number = load double, ptr %memory
%float = call ptr @PyFloat_FromDouble(double %number)
ret ptr %float
any:
%value = call ptr @build(ptr %plan.at, ptr %frame)
ret ptr %value
}

; Whether no part from ``first`` on shares memory with one before it.
define internal i1 @apart(ptr %table, ptr %sizes, i64 %first, i64 %last) {
br label %next
next:
%i = phi i64 [ %first, %0 ], [ %i1, %alone ]
%more = icmp slt i64 %i, %last
br i1 %more, label %one, label %yes
one:
%a.at = getelementptr i64, ptr %table, i64 %i
%a = load i64, ptr %a.at
%an.at = getelementptr i64, ptr %sizes, i64 %i
%an = load i64, ptr %an.at
%ae = add i64 %a, %an
br label %try
try:
%j = phi i64 [ 0, %one ], [ %j1, %on ]
%left = icmp slt i64 %j, %i
br i1 %left, label %other, label %alone
other:
%b.at = getelementptr i64, ptr %table, i64 %j
%b = load i64, ptr %b.at
%bn.at = getelementptr i64, ptr %sizes, i64 %j
%bn = load i64, ptr %bn.at
%be = add i64 %b, %bn
%low = icmp ult i64 %a, %be
%high = icmp ult i64 %b, %ae
%meet = and i1 %low, %high
br i1 %meet, label %no, label %on
on:
%j1 = add i64 %j, 1
br label %try
alone:
%i1 = add i64 %i, 1
br label %next
yes:
ret i1 true
no:
ret i1 false
}

define internal void @dropped(ptr %made, i64 %n) {
br label %next
next:
%k = phi i64 [ 0, %0 ], [ %k1, %on ]
%more = icmp slt i64 %k, %n
br i1 %more, label %step, label %done
step:
%one.at = getelementptr ptr, ptr %made, i64 %k
%one = load ptr, ptr %one.at
%none = icmp eq ptr %one, null
br i1 %none, label %on, label %drop
drop:
call void @Py_DecRef(ptr %one)
br label %on
on:
%k1 = add i64 %k, 1
br label %next
done:
ret void
}

define internal i1 @prepared(ptr %parts, i64 %n, ptr %frame, ptr %made, i64 %points) {
br label %next
next:
%k = phi i64 [ 0, %0 ], [ %k1, %on ]
%p = phi ptr [ %parts, %0 ], [ %p1, %on ]
%more = icmp slt i64 %k, %n
br i1 %more, label %step, label %yes
step:
%place = load ptr, ptr %frame
%place1 = getelementptr ptr, ptr %place, i64 1
store ptr %place1, ptr %frame
%dimensions = load i64, ptr %p
%lengths = getelementptr i64, ptr %p, i64 1
%scalar = icmp slt i64 %dimensions, 0
br i1 %scalar, label %number, label %array
number:
%to.at = getelementptr ptr, ptr %frame, i64 1
%to = load ptr, ptr %to.at
store ptr %to, ptr %place
%to1 = getelementptr double, ptr %to, i64 1
store ptr %to1, ptr %to.at
br label %on
array:
%batched = icmp sge i64 %points, 0
br i1 %batched, label %counted, label %make
counted:
store i64 %points, ptr %lengths ; the plan's own word: the interpreter's lock is held
br label %make
make:
%d = trunc i64 %dimensions to i32
%new = call ptr @PyArray_New(ptr @"object.ndarray", i32 %d, ptr %lengths, i32 12, ptr null,
  ptr null, i32 0, i32 0, ptr null)
%made.at = getelementptr ptr, ptr %made, i64 %k
store ptr %new, ptr %made.at
%none = icmp eq ptr %new, null
br i1 %none, label %no, label %data
data:
%data.at = getelementptr i8, ptr %new, i64 $DATA$
%memory = load ptr, ptr %data.at
store ptr %memory, ptr %place
%behind = getelementptr i64, ptr %lengths, i64 %dimensions
br label %on
on:
%p1 = phi ptr [ %lengths, %number ], [ %behind, %data ]
%k1 = add i64 %k, 1
br label %next
yes:
ret i1 true
no:
ret i1 false
}
