; Functions in Python that compute: their arguments as floats and lists, their results into memory.

; ``n`` objects, given back.
define internal void @released(ptr %objects, i64 %n) {
br label %next
next:
%k = phi i64 [ 0, %0 ], [ %k1, %step ]
%more = icmp slt i64 %k, %n
br i1 %more, label %step, label %done
step:
%one.at = getelementptr ptr, ptr %objects, i64 %k
%one = load ptr, ptr %one.at
call void @Py_DecRef(ptr %one)
%k1 = add i64 %k, 1
br label %next
done:
ret void
}

; ``n`` floats, made at ``objects``; false with an error.  A list is filled before anybody sees it.
define internal i1 @floats(ptr %from, ptr %objects, i64 %n) {
br label %next
next:
%k = phi i64 [ 0, %0 ], [ %k1, %put ]
%more = icmp slt i64 %k, %n
br i1 %more, label %step, label %yes
step:
%one.at = getelementptr double, ptr %from, i64 %k
%one = load double, ptr %one.at
%float = call ptr @PyFloat_FromDouble(double %one)
%none = icmp eq ptr %float, null
br i1 %none, label %no, label %put
put:
%to = getelementptr ptr, ptr %objects, i64 %k
store ptr %float, ptr %to
%k1 = add i64 %k, 1
br label %next
yes:
ret i1 true
no:
ret i1 false
}

; What the function gives for the parts in ``table``; null with an error.  They are copied first:
; making a list may run code of the user's, which may free an array.
define internal ptr @asked(ptr %python, ptr %table, ptr %rows, i64 %n, i64 %total) {
%copies = alloca double, i64 %total
%objects = alloca ptr, i64 %n
br label %copying
copying:
%c = phi i64 [ 0, %0 ], [ %c1, %copy ]
%place = phi ptr [ %copies, %0 ], [ %place1, %copy ]
%uncopied = icmp slt i64 %c, %n
br i1 %uncopied, label %copy, label %making
copy:
%c.row.at = getelementptr i64, ptr %rows, i64 %c
%c.row = load i64, ptr %c.row.at
%c.scalar = icmp slt i64 %c.row, 0
%c.size = select i1 %c.scalar, i64 1, i64 %c.row
%c.bytes = mul i64 %c.size, 8
%c.from.at = getelementptr ptr, ptr %table, i64 %c
%c.from = load ptr, ptr %c.from.at
call void @llvm.memcpy.p0.p0.i64(ptr %place, ptr %c.from, i64 %c.bytes, i1 false)
%place1 = getelementptr double, ptr %place, i64 %c.size
%c1 = add i64 %c, 1
br label %copying
making:
%k = phi i64 [ 0, %copying ], [ %k1, %kept ]
%p = phi ptr [ %copies, %copying ], [ %p1, %kept ]
%more = icmp slt i64 %k, %n
br i1 %more, label %make, label %call
make:
%object.at = getelementptr ptr, ptr %objects, i64 %k
%row.at = getelementptr i64, ptr %rows, i64 %k
%row = load i64, ptr %row.at
%scalar = icmp slt i64 %row, 0
br i1 %scalar, label %number, label %list
number:
%made = call i1 @floats(ptr %p, ptr %object.at, i64 1)
br i1 %made, label %kept, label %lost
list:
%new = call ptr @PyList_New(i64 %row)
%none = icmp eq ptr %new, null
br i1 %none, label %lost, label %fill
fill:
%items.at = getelementptr i8, ptr %new, i64 $ITEMS$
%items = load ptr, ptr %items.at
store ptr %new, ptr %object.at
%filled = call i1 @floats(ptr %p, ptr %items, i64 %row)
br i1 %filled, label %kept, label %unfilled
unfilled:
call void @Py_DecRef(ptr %new)
br label %lost
kept:
%size = phi i64 [ 1, %number ], [ %row, %fill ]
%p1 = getelementptr double, ptr %p, i64 %size
%k1 = add i64 %k, 1
br label %making
lost:
call void @released(ptr %objects, i64 %k)
ret ptr null
call:
%answer = call ptr @PyObject_Vectorcall(ptr %python, ptr %objects, i64 %n, ptr null)
call void @released(ptr %objects, i64 %n)
ret ptr %answer
}

; A part of an answer to memory; false if it is none of these floats.
define internal i1 @read(ptr %x, i64 %row, ptr %to) {
%scalar = icmp slt i64 %row, 0
br i1 %scalar, label %number, label %list
number:
%t.at = getelementptr i8, ptr %x, i64 $TYPE$
%t = load ptr, ptr %t.at
%is = icmp eq ptr %t, @"object.float"
br i1 %is, label %one, label %no
one:
%v.at = getelementptr i8, ptr %x, i64 $NUMBER$
%v = load double, ptr %v.at
store double %v, ptr %to
ret i1 true
list:
%items = call ptr @items(ptr %x, i64 %row)
%wrong = icmp eq ptr %items, null
br i1 %wrong, label %no, label %next
next:
%k = phi i64 [ 0, %list ], [ %k1, %put ]
%more = icmp slt i64 %k, %row
br i1 %more, label %step, label %yes
step:
%item.at = getelementptr ptr, ptr %items, i64 %k
%item = load ptr, ptr %item.at
%to.k = getelementptr double, ptr %to, i64 %k
%good = call i1 @read(ptr %item, i64 -1, ptr %to.k)
br i1 %good, label %put, label %no
put:
%k1 = add i64 %k, 1
br label %next
yes:
ret i1 true
no:
ret i1 false
}

; An answer to the memory of its parts.  ``form``: 0, a row of them; 1, a value and such a row; 2, a
; value and the other part.
define internal i1 @answered(ptr %answer, i64 %form, ptr %table, ptr %rows, i64 %n) {
%whole = icmp eq i64 %form, 0
br i1 %whole, label %parts, label %halves
halves:
%two = call ptr @items(ptr %answer, i64 2)
%wrong = icmp eq ptr %two, null
br i1 %wrong, label %no, label %value
value:
%value.one = load ptr, ptr %two
%value.row = load i64, ptr %rows
%value.to = load ptr, ptr %table
%led = call i1 @read(ptr %value.one, i64 %value.row, ptr %value.to)
br i1 %led, label %other, label %no
other:
%second = getelementptr ptr, ptr %two, i64 1
%bare = icmp eq i64 %form, 2
br i1 %bare, label %going, label %inside
inside:
%row = load ptr, ptr %second
br label %parts
parts:
%held = phi ptr [ %answer, %0 ], [ %row, %inside ]
%first = phi i64 [ 0, %0 ], [ 1, %inside ]
%count = sub i64 %n, %first
%items = call ptr @items(ptr %held, i64 %count)
%lost = icmp eq ptr %items, null
br i1 %lost, label %no, label %going
going:
%from = phi ptr [ %items, %parts ], [ %second, %other ]
%start = phi i64 [ %first, %parts ], [ 1, %other ]
br label %next
next:
%k = phi i64 [ %start, %going ], [ %k1, %put ]
%p = phi ptr [ %from, %going ], [ %p1, %put ]
%more = icmp slt i64 %k, %n
br i1 %more, label %step, label %yes
step:
%part = load ptr, ptr %p
%row.at = getelementptr i64, ptr %rows, i64 %k
%row.k = load i64, ptr %row.at
%to.at = getelementptr ptr, ptr %table, i64 %k
%to = load ptr, ptr %to.at
%good = call i1 @read(ptr %part, i64 %row.k, ptr %to)
br i1 %good, label %put, label %no
put:
%k1 = add i64 %k, 1
%p1 = getelementptr ptr, ptr %p, i64 1
br label %next
yes:
ret i1 true
no:
ret i1 false
}
